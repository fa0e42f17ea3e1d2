title "Near memory and far memory" zh "近处的内存与远处的内存"
rules 6.1
node 0 ram 32M cpus 0..0
node 1 ram 16M cpus 1..1
distance 0 1 21
pcp off

say "Two nodes with a CPU each. CPU 0 asks, and gets memory of its own node." zh "两个节点，各有一个 CPU。CPU 0 来要内存，得到的是自己节点上的。"
a = alloc order=10 movable
say "CPU 1 asks for the same. Whose memory does it get?" zh "CPU 1 也来要。它得到的是哪个节点的内存？"
b = alloc order=10 movable cpu=1
say "Node 1 has two such blocks more that it can give without going below its low mark." zh "节点 1 还能给出两块这样的内存，而不低于 low。"
c[0] = alloc order=10 movable cpu=1
c[1] = alloc order=10 movable cpu=1
say "The local zone has a last block, but giving it would leave too little: the far node is next." zh "本地区还有最后一块，但给了就剩得太少：接下来找远处的节点。"
d = alloc order=10 movable cpu=1
say "That counted as numa_foreign for node 1 and as numa_miss for node 0. A smaller block still fits at home." zh "这次节点 1 记一次 numa_foreign，节点 0 记一次 numa_miss。小一些的块，本地仍给得出。"
e = alloc order=9 movable cpu=1
say "With __GFP_THISNODE nobody goes elsewhere: rather nothing than far memory." zh "带 __GFP_THISNODE 的请求不去别处：宁可没有，也不要远处的内存。"
f = alloc order=10 gfp=GFP_KERNEL|__GFP_THISNODE|__GFP_MOVABLE cpu=1
say "CPU 0 frees a block of node 1: it goes home, whoever frees it." zh "CPU 0 释放节点 1 的一块：不管谁来释放，它都回到自己的节点。"
free b
