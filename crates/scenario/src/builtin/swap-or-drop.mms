title "swappiness: 0, 60, 100, 200" zh "swappiness：0、60、100、200"
rules 6.1
ram 2M
zone Normal
page_group_by_mobility off
pcp off
reclaim on
swap 4M zram

f = file 800K
say "The same four times: memory is written, a file read twice, and more memory written." zh "同样的事做四遍：写一块内存，把文件读两遍，再写更多内存。"
sysctl vm.swappiness 0
p = exec
m = mmap p 2M
write m 0..700K
cat f block=64K
cat f block=64K
say "0: pages of the file go, and nothing is swapped." zh "0：走的是文件页，什么也不换出。"
write m 700K..1300K
exit p
drop_caches 1
sysctl vm.swappiness 60
q = exec
n = mmap q 2M
write n 0..700K
cat f block=64K
cat f block=64K
say "60, as it boots: a few pages go to swap." zh "60，开机的值：几页去了 swap。"
write n 700K..1300K
exit q
drop_caches 1
sysctl vm.swappiness 100
r = exec
o = mmap r 2M
write o 0..700K
cat f block=64K
cat f block=64K
say "100: both weigh the same." zh "100：两边一样重。"
write o 700K..1300K
exit r
drop_caches 1
sysctl vm.swappiness 200
s = exec
t = mmap s 2M
write t 0..700K
cat f block=64K
cat f block=64K
say "200: anon pages go, and the file stays." zh "200：走的是匿名页，文件留下。"
write t 700K..1300K
