# The same requests as in `with-pcp`.
title "Without per-CPU lists every page is cut and merged" zh "没有每 CPU 页链表，每一页都要切分与合并"
rules 6.1
ram 64M
zone Normal
pcp off
watermarks off

say "One page is wanted, and a block of 1024 is cut ten times for it." zh "只要一页，却要把 1024 页的块切十刀。"
a = alloc order=0 movable
say "The halves are at hand now." zh "切下来的一半就在手边。"
b = alloc order=0 movable
c = alloc order=0 movable
d = alloc order=0 movable
say "A page comes back, and its buddy is looked at. The buddy is in use." zh "还回来一页，就要看它的伙伴。伙伴还在用。"
free b
say "The smallest block that will do: is it the page that just came back?" zh "取够用的最小块：会是刚还回来的那一页吗？"
e = alloc order=0 movable
f = alloc order=4 movable
free f
say "Every free looks at the buddy. The last one merges all the way up." zh "每次释放都要看伙伴。最后一次一路合并到顶。"
free a
free c
free d
free e
say "Another page: ten cuts again. And back: ten merges. This is what the CPU's own list saves." zh "再要一页：又切十刀；还回去：又合并十次。CPU 自己的链表省去的正是这些。"
g = alloc order=0 movable
free g
say "The zone is whole at once: nothing waits anywhere." zh "内存区立刻恢复完整：没有页留在别处。"
