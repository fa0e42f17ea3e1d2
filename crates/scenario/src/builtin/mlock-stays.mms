title "What is locked stays" zh "锁住的留下"
rules 6.1
ram 2M
zone Normal
page_group_by_mobility off
pcp off
reclaim on
swap 4M zram

p = exec memlock=128K
m = mmap p 2M
mlock m 0..64K
say "Others go to swap. What is locked is on a list that nobody scans." zh "别的去 swap。锁住的在一条谁也不扫描的链表上。"
write m
read m 0..64K
