title "One machine, three kernels, three victims" zh "一台机器，三个内核，三个牺牲者"
ram 8M
zone Normal
oom_killer 2.6.32  # or 3.10, or 6.1

say "base is root's and has worked for an hour; web has many addresses, few pages; job is a user's." zh "base 属于 root，干了一小时；web 地址多、页少；job 是用户的。"
base = exec cputime=3600 age=90000
b = mmap base 2M
write b
web = exec uid=33
w = mmap web 6M
write w 0..256K
job = exec uid=1000
j = mmap job 1960K
write j
say "Somebody presses SysRq and F. Whom does 2.6.32 kill?" zh "有人按下 SysRq+F。2.6.32 杀谁？"
sysrq f
say "web: addresses counted. Write 3.10 in line 4 and job dies, as root is spared; write 6.1 and base does." zh "杀 web：当年看地址。第 4 行改成 3.10，死的是 job，root 有优待；改成 6.1，死的是 base。"
