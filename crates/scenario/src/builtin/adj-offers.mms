title "oom_score_adj: protected, or offered" zh "oom_score_adj：受保护，还是先死"
ram 4M
zone Normal
base = exec uid=1000
b = mmap base 2M
write b
tab = exec uid=1000
t = mmap tab 512K
write t
oom_score_adj base -500
oom_score_adj base -500 root
oom_score_adj tab 300
sysrq f
oom_score_adj base -1000 root
sysrq f
