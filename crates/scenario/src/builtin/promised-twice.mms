title "Promised twice, and somebody pays" zh "许诺了两次，总有一个要还"
ram 4M
zone Normal

say "a is promised 2 MiB, b 3 MiB, of 4. Each alone would fit, so neither is refused." zh "许给 a 2 MiB、b 3 MiB，总共只有 4。单看都放得下，谁也没被拒绝。"
a = exec uid=1000
m = mmap a 2M
b = exec uid=1000
n = mmap b 3M
say "a touches its pages: the promise falls due." zh "a 把页全碰一遍：许诺到期了。"
write m
say "Now b. There are not enough frames. Who is killed?" zh "轮到 b，页框不够了。杀谁？"
write n
say "a had more, so a paid. b has all that it was promised, and noticed nothing." zh "a 占得多，由 a 来还。b 拿到了全部，浑然不觉。"
