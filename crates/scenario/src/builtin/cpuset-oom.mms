title "Full, though the other node is not" zh "另一个节点还空着，也要杀"
node 0 ram 2M cpus 0..0
node 1 ram 1M cpus 1..1
pcp off
red = cpuset mems=0
blue = cpuset mems=1
db = exec cpuset=blue cpu=1
d = mmap db 640K
write d cpu=1
a = exec cpuset=red
x = mmap a 480K
write x
b = exec cpuset=red
y = mmap b 480K
say "b may have node 0 alone. Who is killed: db, a or b?" zh "b 只能用节点 0。杀谁：db、a 还是 b？"
write y
oom_score_adj b -1000 root
z = mmap b 480K
say "Now nobody of red may be killed." zh "现在 red 里没有可杀的了。"
write z
say "A page for the kernel itself, in a call of b. Where from?" zh "b 的调用里，内核自己要一页。从哪儿来？"
k = alloc order=0 gfp=GFP_KERNEL by=b
say "The same for a program." zh "同样要一页，给程序用。"
u = alloc order=0 gfp=GFP_USER by=b
