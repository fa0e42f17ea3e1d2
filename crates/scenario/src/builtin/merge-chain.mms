title "One free, ten merges" zh "释放一页，合并十次"
rules 6.1
ram 4M
zone Normal
page_group_by_mobility on
pcp off
watermarks off

say "All memory is one block of 1024 frames. One page out of it takes ten cuts." zh "全部内存是一个 1024 页框的块。从中取一页要切十刀。"
a = alloc order=0 movable
say "Freeing that page undoes them all: at each order the buddy is free, so the block doubles." zh "释放这一页就全部复原：每一阶的伙伴都空闲，块就一次次翻倍。"
free a
say "Two neighbours: frame 0 and frame 1 are buddies." zh "两个邻居：0 号和 1 号页框互为伙伴。"
b = alloc order=0 movable
c = alloc order=0 movable
say "The buddy is in use, so nothing merges: one held page keeps 1024 frames apart." zh "伙伴还在用，什么也合并不了：只要占着一页，1024 个页框就连不起来。"
free b
say "The last page comes back, and the chain runs to the top." zh "最后一页还回来，一路合并到顶。"
free c
say "A page in the middle: the chain stops where a buddy is in use." zh "中间有一页被占着：合并到伙伴在用的那一阶就停下。"
d = alloc order=3 movable
e = alloc order=0 movable
free d
free e
