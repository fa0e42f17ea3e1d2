title "The pool before and after the crumbs" zh "大页池：零散前后"
rules 6.1
ram 12M
zone Normal
page_group_by_mobility on
pcp off
thp never

say "A fresh machine: all is free, in one piece. Two huge pages are wanted." zh "刚启动的机器：全空闲，连成一片。现在要两个大页。"
nr_hugepages 2
say "At once. One more may come when somebody wants it: surplus." zh "马上就有。谁要用时，还可以再来一个：超额。"
nr_overcommit_hugepages 1
p = exec
h = mmap p 6M huge
write h 0..2M
say "Three are promised, two were set aside. What becomes of the third when all are given back?" zh "许出三个，只预留了两个。全还回来时，第三个会怎样？"
munmap h
exit p
nr_hugepages 0
say "It went to the buddy system. Now 11 MiB are taken page by page, and every other page is given up again." zh "它回到伙伴系统。现在一页一页占去 11 MiB，再隔一页放弃一页。"
for i in 0..2815
  a[i] = alloc order=0 movable
end
for i in 0..1407
  free a[2*i]
end
say "More than 6 MiB are free. Are they three huge pages?" zh "空闲 6 MiB 多。够三个大页吗？"
nr_hugepages 3
say "No block of 512 frames is free. Pages move together, and it is tried again." zh "没有连着的 512 个页框。把页挪到一起，再试。"
compact_memory
nr_hugepages 3
