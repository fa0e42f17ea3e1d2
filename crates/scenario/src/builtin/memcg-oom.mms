title "Full, though the machine is not" zh "机器没满，组满了"
ram 16M
g = cgroup max=5M swap.max=0
a = exec cgroup=g
x = mmap a 1900K
write x
b = exec cgroup=g
y = mmap b 2500K
write y
c = exec cgroup=g
z = mmap c 1500K
say "c wants more than is left of 5 MiB. Who is killed?" zh "c 要的比 5 MiB 里剩下的多。杀谁？"
write z
