title "libc keeps what was freed" zh "free 之后，内存还在 libc 手里"
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

p = exec
say "The first malloc of a process: brk moves the end of the heap by 132 KiB, for a block of 100 bytes." zh "进程第一次 malloc：只要 100 字节，brk 却把堆一下子扩了 132 KiB。"
a = malloc p 100
say "The second block is cut from the top of the heap. Does the kernel hear of it?" zh "第二块从堆顶 top 上切。内核知道吗？"
b = malloc p 100
say "free puts the chunk into the tcache of the thread. VSZ and RSS stay: the kernel got nothing back." zh "free 把 chunk 放进线程的 tcache。VSZ、RSS 都不变：什么也没还给内核。"
free a
say "The next request of this size gets that very chunk." zh "下一个同样大小的请求，拿到的正是这个 chunk。"
c = malloc p 100
say "Sixty blocks of 4000 bytes: when the top is too short, brk moves by 132 KiB again." zh "六十块，每块 4000 字节：top 不够长了，brk 再扩 132 KiB。"
for i in 0..59
  m[i] = malloc p 4000
end
say "All but the last are freed. They become one large free chunk, and RSS stays as it is." zh "只留最后一块，其余全部释放：并成一个大的空闲 chunk，RSS 却不变。"
for i in 0..58
  free m[i]
end
say "The last one lay before the top. Now all of it is one with the top, and brk gives 132 KiB of it back." zh "最后一块紧挨着 top。放掉它，整片并入 top，这才用 brk 归还 132 KiB。"
free m[59]
say "200 KiB is past mmap_threshold: an area of its own, outside of the heap." zh "200 KiB 超过 mmap_threshold：不在堆里，单独映射一个区域。"
d = malloc p 200K
write d
say "An area can go back at once: VSZ and RSS fall. But malloc has learned from it." zh "区域可以马上归还，VSZ、RSS 一起落下。但 malloc 也学乖了。"
free d
say "The same request again: mmap_threshold has risen, so it comes from the heap this time." zh "再来一次同样的请求：mmap_threshold 升了，这回从堆里给。"
e = malloc p 200K
write e
say "And freed again: it stays in the top, as trim_threshold has risen, too. RSS does not fall." zh "再释放：trim_threshold 也升了，它留在 top 里，RSS 不降。"
free e
