title "Bound memory runs short first" zh "绑定的内存先告急"
node 0 ram 2M cpus 0..0
node 1 ram 1M cpus 1..1
pcp off
swap 2M zram
a = exec
m = mmap a 64K
mbind m interleave 0,1
write m
b = exec
set_mempolicy b bind 0
n = mmap b 1M
say "b may have node 0 alone. Who works, and who has room?" zh "b 只能用节点 0。谁在忙，谁还空着？"
write n
c = exec
o = mmap c 128K
say "c said nothing: what node 0 lacks, node 1 gives." zh "c 什么也没说：节点 0 不够的，由节点 1 给。"
write o
