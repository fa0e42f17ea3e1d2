title "Promised twice, and somebody pays" zh "许诺了两次，总有一个要还"
ram 4M
zone Normal
a = exec uid=1000
m = mmap a 2M
b = exec uid=1000
n = mmap b 3M
write m
say "Now b wants its pages, too. Who is killed?" zh "b 也来要页。杀谁？"
write n
