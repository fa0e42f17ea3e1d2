title "A stream beside a working set" zh "流式读取与工作集"
rules 6.1
ram 2M
zone Normal
page_group_by_mobility off
pcp off
reclaim on

hot = file 256K
once = file 64K
big = file 3M
cat hot block=64K
cat hot block=64K
cat once
say "A stream pushes out what was read once." zh "一次性的大读挤走只读过一次的。"
cat big 0..1420K block=64K
say "It comes back soon, so it becomes active at once." zh "它很快又回来，马上活跃。"
cat once
cat big 1420K..2500K block=64K
say "hot was read twice: all of it is still there." zh "hot 读过两次：都还在。"
cat hot block=64K
