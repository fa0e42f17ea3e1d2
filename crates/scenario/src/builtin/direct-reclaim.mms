title "Direct reclaim: who asks, pays" zh "直接回收：谁要谁干"
rules 6.1
ram 1M
zone Normal
page_group_by_mobility off
pcp off
reclaim on
swap 2M

p = exec
m = mmap p 1536K
say "1.5 MiB into 1. A disk is slow: below min p has to find pages itself, and waits." zh "1 MiB 里要写 1.5 MiB。磁盘慢：低于 min，p 只好自己找页，等着。"
write m
