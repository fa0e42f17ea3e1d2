title "kswapd: woken at low, asleep at high" zh "kswapd：低于 low 醒，高于 high 睡"
rules 6.1
ram 2M
zone Normal
page_group_by_mobility off
pcp off
reclaim on

f = file 1536K
p = exec
m = mmap p 512K
cat f block=64K
say "The cache has nearly all of memory. Below low kswapd wakes; p does not wait." zh "缓存几乎占满内存。低于 low，kswapd 醒来；p 不用等。"
write m
