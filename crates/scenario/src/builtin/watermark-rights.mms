title "Who may go below the watermark" zh "谁可以越过水位线"
rules 6.1
ram 16M
zone Normal
pcp off

say "Marks of this zone, in pages: min 128, low 160, high 192. Something takes nearly all of it." zh "这个区的水位线（页数）：min 128、low 160、high 192。先占去其中的大部分。"
for i in 0..2
  big[i] = alloc order=10 unmovable
end
half = alloc order=9 unmovable
quarter = alloc order=8 unmovable
eighth = alloc order=6 unmovable
say "192 pages are free, as many as the high mark. A block of 32 still leaves more than low." zh "还有 192 页空闲，正好在 high。再取 32 页的一块，仍高于 low。"
a = alloc order=5 unmovable
say "160 are left, and low is 160: not more. kswapd is woken, and the request is measured against min." zh "还剩 160 页，low 也是 160：不再高于它。唤醒 kswapd，改用 min 来衡量。"
k[0] = alloc order=0 unmovable
for i in 1..31
  k[i] = alloc order=0 unmovable
end
say "128 are left. Will GFP_KERNEL get one more?" zh "还剩 128 页。GFP_KERNEL 还能再拿到一页吗？"
b = alloc order=0 unmovable
say "No: it would have to reclaim. GFP_NOWAIT cannot even wait for that." zh "不能：它得先回收内存。GFP_NOWAIT 连等待回收都不行。"
c = alloc order=0 unmovable nowait
say "GFP_ATOMIC is urgent and cannot wait either, so for it min is 48: half of it, and a quarter less." zh "GFP_ATOMIC 紧急而不能等，对它来说 min 只有 48：先减一半，再减四分之一。"
d = alloc order=0 unmovable atomic
say "An urgent block of 8 passes as well, and what is left of its pageblock is set aside for such requests." zh "紧急的 8 页块也能通过，它所在 pageblock 的剩余部分从此留给这类请求。"
e = alloc order=3 unmovable atomic
say "Half a thousand pages come back. Is there enough for GFP_KERNEL now?" zh "还回来五百多页。现在够 GFP_KERNEL 用了吗？"
free half
f = alloc order=0 unmovable
say "Not at first: 512 pages count as set aside, so 119 are left. Before it fails, the kernel gives the reserve up." zh "起初不够：512 页算作预留，只剩 119 页可用。失败之前，内核先放弃了这份预留。"
