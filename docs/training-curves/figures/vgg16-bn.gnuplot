# Training of vgg16 bn
# Run in this folder: gnuplot vgg16-bn.gnuplot
set encoding utf8
set terminal svg size 720,556 fixed noenhanced font 'Helvetica,14' background '#ffffff'
set output 'vgg16-bn.svg'
data = '../data/vgg16-bn.csv'
set datafile separator comma
set datafile columnheaders
set datafile commentschars ''
set linetype 1 linecolor rgb '#D55E00' dashtype solid linewidth 1.8 pointtype 7 pointsize 0.75
set linetype 2 linecolor rgb '#0072B2' dashtype (7,3) linewidth 1.8 pointtype 5 pointsize 0.75
set linetype 3 linecolor rgb '#009E73' dashtype (2,2) linewidth 1.8 pointtype 9 pointsize 0.75
set linetype 4 linecolor rgb '#CC79A7' dashtype (9,3,2,3) linewidth 1.8 pointtype 11 pointsize 0.75
set linetype 5 linecolor rgb '#E69F00' dashtype (14,4) linewidth 1.8 pointtype 13 pointsize 0.75
set linetype 6 linecolor rgb '#56B4E9' dashtype (4,2) linewidth 1.8 pointtype 6 pointsize 0.75
set linetype 7 linecolor rgb '#000000' dashtype (9,2,2,2,2,2) linewidth 1.8 pointtype 4 pointsize 0.75
set linetype 8 linecolor rgb '#777777' dashtype solid linewidth 1.8 pointtype 8 pointsize 0.75
set linetype 9 linecolor rgb '#D55E00' dashtype (12,2) linewidth 1.8 pointtype 10 pointsize 0.75
set linetype 10 linecolor rgb '#0072B2' dashtype (3,1) linewidth 1.8 pointtype 12 pointsize 0.75
set linetype 11 linecolor rgb '#009E73' dashtype (6,2,1,2) linewidth 1.8 pointtype 1 pointsize 0.75
set linetype 12 linecolor rgb '#CC79A7' dashtype (2,4) linewidth 1.8 pointtype 2 pointsize 0.75
set linetype 13 linecolor rgb '#000000' dashtype (1.5,2.5) linewidth 1.2 pointtype 2 pointsize 1
unset key
set multiplot
set border 3 linecolor rgb '#444444' linewidth 1
set tics out nomirror scale 0.4
set xtics offset 0,0.35
set ytics offset 0.5,0
set grid linecolor rgb '#E2E2E2' dashtype solid linewidth 0.8

set lmargin at screen 0.1056
set rmargin at screen 0.9034
set tmargin at screen 0.9676
set bmargin at screen 0.5809
set title '' offset 0,-0.4
set xlabel '' offset 0,0.6
set xrange [0.0:15.0]
unset logscale x
set xtics nomirror ('0' 0.0, '5' 5.0, '10' 10.0, '15' 15.0)
set yrange [0.0:2.7146745926030476]
unset logscale y
set ytics nomirror ('0' 0.0, '1' 1.0, '2' 2.0)
unset label
unset arrow
set arrow from graph 1.0000, graph 0.2797 to graph 1.0174, graph 0.2797 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'train' at graph 1.0313, graph 0.2797 left point linetype 1 pointsize 0.9 offset 0.9,-0.3
set arrow from graph 1.0000, graph 0.4735 to graph 1.0174, graph 0.4735 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'test' at graph 1.0313, graph 0.4735 left point linetype 2 pointsize 0.9 offset 0.9,-0.3
set label 'loss' at screen 0.0194, graph 0.5 center rotate by 90
plot data using 'epoch':(column('train_loss')) with linespoints linetype 1 pointinterval 1 title '', \
  data using 'epoch':(column('test_loss')) with linespoints linetype 2 pointinterval 1 title ''

set lmargin at screen 0.1056
set rmargin at screen 0.9034
set tmargin at screen 0.4910
set bmargin at screen 0.1043
set title '' offset 0,-0.4
set xlabel 'epochs' offset 0,0.6
set xrange [0.0:15.0]
unset logscale x
set xtics nomirror ('0' 0.0, '5' 5.0, '10' 10.0, '15' 15.0)
set yrange [0.0:86.16033333333333]
unset logscale y
set ytics nomirror ('0' 0.0, '20' 20.0, '40' 40.0, '60' 60.0, '80' 80.0)
unset label
unset arrow
set arrow from graph 1.0000, graph 0.3037 to graph 1.0174, graph 0.3037 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'train' at graph 1.0313, graph 0.3037 left point linetype 1 pointsize 0.9 offset 0.9,-0.3
set arrow from graph 1.0000, graph 0.4329 to graph 1.0174, graph 0.4329 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'test' at graph 1.0313, graph 0.4329 left point linetype 2 pointsize 0.9 offset 0.9,-0.3
set label 'error (%)' at screen 0.0194, graph 0.5 center rotate by 90
plot data using 'epoch':(column('train_error') * 100.0) with linespoints linetype 1 pointinterval 1 title '', \
  data using 'epoch':(column('test_error') * 100.0) with linespoints linetype 2 pointinterval 1 title ''

unset multiplot
unset output
