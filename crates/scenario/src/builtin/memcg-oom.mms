title "Full, though the machine is not" zh "机器没满，组满了"
ram 128M
g = cgroup max=40M swap.max=0
a = exec cgroup=g
x = mmap a 15M
write x
b = exec cgroup=g
y = mmap b 20M
write y
c = exec cgroup=g
z = mmap c 12M
say "c wants more than is left of 40 MiB. Who is killed?" zh "c 要的比 40 MiB 里剩下的多。杀谁？"
write z
