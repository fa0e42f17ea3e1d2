title "A task moves to another core and finds its caches cold" zh "任务换了核，缓存是凉的"
rules 6.1
ram 16M
cpus 2
caches l1d=2K/2 l1i=2K/2 l2=8K/4 l3=32K/8

say "A process works on 1 KiB, sixteen lines. The first pass fetches them from DRAM." zh "一个进程反复用 1 KiB 的数据，16 行。第一遍要从 DRAM 取。"
p = exec
m = mmap p 4K
scan m stride=64 0..1K write
say "The second pass finds all of them in L1 of CPU 0: four cycles each." zh "第二遍全在 CPU 0 的 L1 里，每次 4 个周期。"
scan m stride=64 0..1K write
say "The scheduler moves it to CPU 1. Where will its data be found?" zh "调度器把它移到 CPU 1。它的数据会在哪里找到？"
move p cpu=1
scan m stride=64 0..1K
say "L1 and L2 are each core's own. CPU 0 had written to the lines, so it had to write them back to L3 first." zh "L1 和 L2 是每个核私有的。这些行 CPU 0 写过，要先写回 L3，CPU 1 才读得到。"
scan m stride=64 0..1K
say "Warm again: a pass costs a fifteenth of the cold one. Both cores have copies now. What if CPU 1 writes?" zh "又热了：这一遍只要刚才的十五分之一。现在两个核都有副本。CPU 1 若要写呢？"
scan m stride=64 0..256 write
say "Each write takes the copy away from CPU 0. So who goes back finds these four lines only in L3." zh "每写一行，CPU 0 的副本就作废。所以移回去后，这四行只能在 L3 里找到。"
move p cpu=0
scan m stride=64 0..1K
say "That is why binding a busy task to its core (taskset, sched_setaffinity) can pay: its caches stay warm." zh "所以把繁忙的任务绑定到核上（taskset、sched_setaffinity）往往划算：缓存一直是热的。"
