title "oom_score_adj: protected, or offered" zh "oom_score_adj：受保护，还是先死"
ram 4M
zone Normal

say "base is four times as large as tab. A point of oom_score_adj is a thousandth of all memory: one page here." zh "base 是 tab 的四倍大。oom_score_adj 的一分是全部内存的千分之一，这里是一页。"
base = exec uid=1000
b = mmap base 2M
write b
tab = exec uid=1000
t = mmap tab 512K
write t
say "base may not protect itself; root may do it." zh "base 不能自己保护自己，root 可以。"
oom_score_adj base -500
oom_score_adj base -500 root
say "A browser offers its tabs." zh "浏览器让标签页先死。"
oom_score_adj tab 300
sysrq f
say "The small one died. With -1000 nobody is left who may be killed." zh "死的是小的。设成 -1000，就没有谁可杀了。"
oom_score_adj base -1000 root
sysrq f
