title "fork: nothing is copied until somebody writes" zh "fork：谁也不写，就什么也不复制"
rules 6.1
ram 4M
zone Normal
page_group_by_mobility on
pcp off
watermarks off
pageblocks Normal 01
free_list Normal 0 Unmovable: 0x11 0x32 0x54 0x76 0x98
free_list Normal 3 Unmovable: 0x40
free_list Normal 0 Movable: 0x213 0x236
free_list Normal 2 Movable: 0x280

say "A process with two pages of data." zh "一个进程，有两页数据。"
p = exec
m = mmap p 8K
write m
say "fork. The child gets tables of its own, and their entries lead to the same frames. Both may only read them." zh "fork。子进程有自己的页表，表项却指向同样的页框，而且双方都只能读。"
q = fork p
say "Reading needs no copy: no fault at all." zh "只读不用复制：连缺页都没有。"
read m by=q
say "The child writes. Who gets the new frame, the child or the parent?" zh "子进程写。新页框归谁，子进程还是父进程？"
write m 0..4K by=q
say "Who writes gets the copy. Now the parent writes the same page. Nobody else has it any more: no copy." zh "谁写谁得副本。现在父进程写同一页。别人都不用它了：不必复制。"
write m 0..4K
say "The second page is still shared. This time the parent is first, so the copy is the parent's." zh "第二页还共用着。这次父进程先写，副本归父进程。"
write m 4K..8K
say "The child ends. Its tables and frames come back; the parent notices nothing." zh "子进程结束，它的页表和页框都归还；父进程不受影响。"
exit q
say "Fork again, and exit before anybody writes: the child took five frames, all of them for its tables." zh "再 fork 一次，谁都没写就 exit：子进程只占了五个页框，全是页表。"
r = fork p
exit r
say "The entry still forbids writing. One fault finds that nobody else has the page: reused, not copied." zh "表项还是不许写。缺页时发现别人都不用了：直接用，不复制。"
write m 0..4K
