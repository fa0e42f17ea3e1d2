title "Who clears memory?" zh "内存谁来清？"
rules 6.1
ram 4M
zone Normal
page_group_by_mobility on
pcp off
watermarks off

p = exec
say "An object of the kernel's is filled with 0x41 and given back. What does the next one get who asks for 64 bytes?" zh "内核把一个对象写满 0x41，再还回去。下一个来要 64 字节的，会拿到什么？"
o = kmalloc 64
memset o 0x41
free o
say "The same object, uncleared. Only the 8 bytes in its middle are new: SLUB kept its list of free objects there." zh "同一个对象，没有清。只有中间 8 字节是新的：空闲时，SLUB 把空闲链表存在那里。"
n = kmalloc 64
hexdump n
free n
say "kzalloc clears: all 64 bytes of the object, though only 40 were wanted." zh "kzalloc 会清：只要 40 字节，整个对象 64 字节都清零。"
z = kzalloc 40
hexdump z
say "Whole pages are the same: nobody clears them unless __GFP_ZERO asks for it." zh "整页也一样：不带 __GFP_ZERO，没人清。"
a = alloc order=0 movable
memset a 0x42
free a
b = alloc order=0 movable
hexdump b
free b
say "But what a process gets is always cleared first: it must never see what others had. The same frame, now zeros." zh "但进程拿到的页总是先清零：决不能让它看到别人的内容。同一个页框，现在全是零。"
m = mmap p 4K
memset m 0x43 0..16
hexdump m 0..64
say "Inside one process the C library clears nothing either: malloc hands out what free got." zh "在同一个进程里，C 库也不清：free 收回什么，malloc 就给出什么。"
c = malloc p 100
memset c 0x44
free c
d = malloc p 100
hexdump d
