# The same requests as in `without-pcp`.
title "A CPU keeps free pages for itself" zh "CPU 自己留着一些空闲页"
rules 6.1
ram 64M
zone Normal
watermarks off

say "One page is wanted. The CPU's own list is empty, so a batch of three is fetched, and the first of them handed out." zh "只要一页。CPU 自己的链表（pcp）是空的，于是一次取来一批三页，把第一页交出去。"
a = alloc order=0 movable
say "Two are left. Which page comes next, and which list of the buddy system notices?" zh "还剩两页。接下来会给出哪一页？伙伴系统的哪个链表会有变化？"
b = alloc order=0 movable
c = alloc order=0 movable
say "Empty again: the next batch." zh "又空了：再取一批。"
d = alloc order=0 movable
say "A page comes back: it becomes the head of the CPU's list. No buddy is looked at, nothing merges." zh "还回来一页：它成为 CPU 链表的表头。不看伙伴，也不合并。"
free b
say "Last in, first out: the next request gets that very page, still warm in the cache." zh "后进先出：下一个请求得到的正是这一页，它还留在缓存里。"
e = alloc order=0 movable
say "Orders 0 to 3 and whole pageblocks go through such lists. Order 4 goes to the buddy system." zh "0 到 3 阶和整个 pageblock 走这样的链表，4 阶直接找伙伴系统。"
f = alloc order=4 movable
free f
say "All is given back, and yet the zone is not whole: six pages wait on the CPU's list." zh "全都还了，内存区却还不完整：有六页留在 CPU 的链表上。"
free a
free c
free d
free e
say "Another page, and back again: with some at hand it takes two steps." zh "再要一页，再还回去：手边有页，两步就完。"
g = alloc order=0 movable
free g
say "Draining gives them to the buddy system, and only now they merge." zh "清空（drain）把它们还给伙伴系统，这时才合并。"
drain
