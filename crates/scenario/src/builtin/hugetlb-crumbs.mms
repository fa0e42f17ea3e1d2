title "The pool before and after the crumbs" zh "大页池：零散前后"
rules 6.1
ram 8M
zone Normal
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
nr_hugepages 0
say "Now 7 MiB are taken page by page, and every other page is given up again." zh "现在一页一页占去 7 MiB，再隔一页放弃一页。"
for i in 0..1791
  a[i] = alloc order=0 movable
end
for i in 0..895
  free a[2*i]
end
say "More than 4 MiB are free. Are they two huge pages?" zh "空闲 4 MiB 多。够两个大页吗？"
nr_hugepages 2
say "No block of 512 frames is free. Pages move together, and it is tried again." zh "没有连着的 512 个页框。把页挪到一起，再试。"
compact_memory
nr_hugepages 2
