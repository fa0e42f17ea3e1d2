# Week 3, exercise 2: what one driver does to everybody else
title "A driver that never lets go" zh "从不放手的驱动"
rules 6.1
ram 32M
zone DMA 16M
zone Normal
page_group_by_mobility on
pcp off
watermarks off
seed 42

say "Processes take what they need, a page at a time." zh "各个进程按需取页，一次一页。"
for i in 0..1499
  p[i] = alloc order=0 anon
end
say "In between, a network driver asks for sixteen receive buffers." zh "这期间，网卡驱动申请了十六个接收缓冲区。"
for i in 0..15
  rx[i] = alloc order=2 unmovable
end
more = workload 400 orders=0..3 unmovable=5 movable=40 reclaimable=10 anon=30 file=15 free=40
say "Most processes end." zh "大部分进程结束了。"
for i in 0..1498 step 2
  free p[i]
end
say "The camera wants 2 MiB in one piece. Which pageblock could it have?" zh "摄像头想要连续的 2 MiB。哪个 pageblock 可以给它？"
cam = alloc order=9 unmovable
for i in 1..1499 step 2
  free p[i]
end
cam2 = alloc order=9 unmovable
say "Only now: the buffers sit in one pageblock, and the others became whole again." zh "现在才行：缓冲区都在同一个 pageblock 里，其他的又完整了。"
free cam2
free more
dma = alloc order=10 unmovable zone=DMA
big = alloc pages=700 movable zone=Normal
free big
free dma
for i in 0..15
  free rx[i]
end
say "Everything is back." zh "一切恢复原状。"
