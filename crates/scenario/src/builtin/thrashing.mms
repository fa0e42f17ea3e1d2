title "Thrashing, and its cure" zh "抖动和它的解药"
rules 6.1
ram 1M
zone Normal
page_group_by_mobility off
pcp off
reclaim on
swap 2M

p = exec
m = mmap p 1280K
write m
say "Round and round through more than there is: each page goes before it is used again." zh "来回用的比内存多：每一页都在再用之前就走了。"
read m
say "The cure is to use less at once: the second time nothing is read." zh "解药是一次少用些：第二遍什么也不用读。"
read m 0..512K
read m 0..512K
