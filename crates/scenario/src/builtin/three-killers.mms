title "Three kernels, three victims" zh "三个内核，三个牺牲者"
ram 8M
zone Normal
oom_killer 2.6.32  # or 3.10, or 6.1
base = exec cputime=3600 age=90000
b = mmap base 2M
write b
web = exec uid=33
w = mmap web 6M
write w 0..256K
job = exec uid=1000
j = mmap job 1960K
write j
say "Whom does 2.6.32 kill? And 3.10, and 6.1, in line 4?" zh "2.6.32 杀谁？第 4 行改成 3.10、6.1 呢？"
sysrq f
