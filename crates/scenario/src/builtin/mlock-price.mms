title "mlock: pages that have to stay" zh "mlock：不许离开的页"
rules 6.1
ram 16M
zone Normal
page_group_by_mobility on
pcp off
watermarks off
pageblocks Normal 0 1*7
free_list Normal 0 Unmovable: 0x11 0x32 0x54 0x76 0x98
free_list Normal 3 Unmovable: 0x40
free_list Normal 0 Movable: 0x213 0x236
free_list Normal 2 Movable: 0x280
free_list Normal 10 Movable: 0x400 0x800 0xc00

p = exec memlock=128K
say "64 KiB are promised: no page of it is there yet." zh "许诺了 64 KiB：一页也还没有。"
m = mmap p 64K
say "mlock says that it must not leave memory. What never leaves has to be there first: 16 faults at once." zh "mlock 说它不许离开内存。要不离开，先得都在：一下子缺页 16 次。"
mlock m
say "VmLck is 64 KiB now. Only part of it is needed: munlock cuts the area in two." zh "VmLck 现在是 64 KiB。其实只用得着一部分：munlock 把区域切成两个。"
munlock m 16K..64K
say "The pages that are unlocked stay for now, but only the others are sure to." zh "解锁的页暂时还在，只有锁着的保证一直在。"
write m
say "What is locked cannot be given up: EINVAL." zh "锁住的不能放弃：EINVAL。"
madvise m dontneed 0..16K
say "MAP_LOCKED locks from the beginning. RLIMIT_MEMLOCK is 128 KiB, and 16 KiB of it are used." zh "MAP_LOCKED 一开始就锁。RLIMIT_MEMLOCK 是 128 KiB，已用 16 KiB。"
n = mmap p 64K locked
say "Another 64 KiB would be too many, and addresses count, not pages: EAGAIN." zh "再锁 64 KiB 就超了。算的是地址，不是页：EAGAIN。"
o = mmap p 64K locked
say "A child has the same pages, but a lock is not inherited." zh "子进程有同样的页，锁却不继承。"
q = fork p
