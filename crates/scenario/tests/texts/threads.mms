ram 8M
cpus 3
tlb skylake l1=4/2 large=2/2 l2=16/4
p = exec stack=1M memlock=4M
m = mmap p 64K
t = thread p cpu=1
u = thread t stack=16K cpu=2
write m by=t
read m 0..8K by=u
write t stack 0..20K
write u heap
mprotect m r 0..8K by=u
write m 0..4K by=t
move t cpu=2
munmap m 0..32K by=t
n = mmap u 8K
q = fork t
write n by=q
exit t
v = thread p stack=64K cpu=1
mlockall p current future
brk p +64K
w = thread p stack=32K
munlockall u
scan n stride=64 by=v times=2
exit u
exit p
exit q
