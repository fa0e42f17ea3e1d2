title "A huge page goes to swap" zh "大页去 swap"
rules 6.1
ram 12M
zone Normal
page_group_by_mobility off
reclaim on
thp always
swap 4M zram

p = exec
s = mmap p 2044K
m = mmap p 8M
say "Four huge pages: on the list each is one entry with 512 pages." zh "四个大页：在链表上各是一项，各算 512 页。"
write m
a = alloc order=9 unmovable
b = alloc order=8 unmovable
say "What is left is kept in reserve now, so one frame more takes reclaim. Swap has one free cluster of 512 slots." zh "剩下的都成了保留，再要一个页框就得回收。swap 里有一簇 512 个空槽。"
sysctl vm.min_free_kbytes 1000
c = alloc order=0 unmovable
say "It went as a whole. It comes back page by page; then it is given up, but for one page in swap." zh "它整个走了，回来却是一页一页的。再把它放弃，只留一页在 swap 里。"
read m 0..4K
madvise m dontneed 4K..2044K
say "Two slots are in use, so no cluster is free. The next one is split." zh "还有两个槽占着，就没有空簇了。下一个只好拆开。"
d = alloc order=8 unmovable
sysctl vm.min_free_kbytes 2100
e = alloc order=0 unmovable
say "Half of the third is unmapped, and not one frame is free: it is one block still." zh "第三个解除一半映射，一个页框也没空出来：它还是一整块。"
munmap m 4M..5M
say "Reclaim splits it, so that only the other half is written." zh "回收先拆开它，这样只写另一半。"
sysctl vm.min_free_kbytes 4100
f = alloc order=0 unmovable
say "The same with the fourth. What waits to be split is also split by hand, like all that shrinkers keep." zh "第四个也一样。等着拆的也能手动拆，和 shrinker 管的东西一样。"
munmap m 6M..7M
drop_caches 2
