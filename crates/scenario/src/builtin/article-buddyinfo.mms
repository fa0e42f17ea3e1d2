# The /proc/buddyinfo that the article shows. It has counts only: where the blocks lie is drawn from the seed.
title "The article's server: 20 GiB free, and no 8 MiB in one piece" zh "文章里的服务器：空闲 20 GiB，却没有连续的 8 MiB"
rules 6.1
pcp off
watermarks off
seed 1
buddyinfo Node 0, zone DMA 3 2 3 0 3 2 0 0 1 1 3
buddyinfo Node 0, zone DMA32 8 5 3 6 3 10 5 9 7 7 724
buddyinfo Node 0, zone Normal 22694 22791 58053 23855 9955 6270 3532 2158 1375 1083 2743

say "An old device reaches 16 MiB only, so its driver asks for blocks of zone DMA. There are three of order 10." zh "老设备只够得着 16 MiB，驱动就向 DMA 区要内存。那里有三个 10 阶块。"
d1 = alloc order=10 movable zone=DMA
d2 = alloc order=10 movable zone=DMA
d3 = alloc order=10 movable zone=DMA
say "The fourth fails: zone DMA still has 3.4 MiB free, but no 4 MiB in one piece. The other zones may not help." zh "第四个失败了：DMA 区还空着 3.4 MiB，却没有连续的 4 MiB；别的区又帮不上忙。"
d4 = alloc order=10 movable zone=DMA
say "2 MiB in one piece there is, once." zh "连续的 2 MiB 还有，只有一块。"
e1 = alloc order=9 movable zone=DMA
e2 = alloc order=9 movable zone=DMA
say "Without the limit the same request is easy: zone Normal has 2743 such blocks." zh "不限区的话，同样的请求很容易：Normal 区有 2743 个这样的块。"
n = alloc order=10 movable
say "8 MiB in one piece there is nowhere, however much is free: order 11 is refused at the door." zh "连续的 8 MiB 无论空闲多少都没有：11 阶的请求在门口就被拒绝。"
big = alloc order=11 movable
free d2
say "One block comes back, and the driver's next request is served." zh "还回来一块，驱动的下一个请求就满足了。"
d5 = alloc order=10 movable zone=DMA
