# Weight gradients while training, MLP, tanh, shapeset
# Run in this folder: gnuplot weight-gradients-mlp-shapeset-tanh.gnuplot
set encoding utf8
set terminal svg size 720,588 fixed noenhanced font 'Helvetica,14' background '#ffffff'
set output 'weight-gradients-mlp-shapeset-tanh.svg'
data = '../data/weight-gradients-mlp-shapeset-tanh.csv'
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

set lmargin at screen 0.1204
set rmargin at screen 0.8785
set tmargin at screen 0.9422
set bmargin at screen 0.5765
set title 'standard' offset 0,-0.4
set xlabel '' offset 0,0.6
set xrange [0.0:60000.0]
unset logscale x
set xtics nomirror ('0' 0.0, '20,000' 20000.0, '40,000' 40000.0, '60,000' 60000.0)
set yrange [0.0002826184170009912:0.021473857542778196]
set logscale y
set ytics nomirror ('0.0005' 0.0005, '0.001' 0.001, '0.002' 0.002, '0.005' 0.005, '0.01' 0.01, '0.02' 0.02)
unset label
unset arrow
set arrow from graph 1.0000, graph 0.2012 to graph 1.0183, graph 0.3363 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'layer 1' at graph 1.0330, graph 0.3363 left point linetype 1 pointsize 0.9 offset 0.9,-0.3
set arrow from graph 1.0000, graph 0.1443 to graph 1.0183, graph 0.1781 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'layer 2' at graph 1.0330, graph 0.1781 left point linetype 2 pointsize 0.9 offset 0.9,-0.3
set arrow from graph 1.0000, graph 0.0777 to graph 1.0183, graph 0.0200 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'layer 3' at graph 1.0330, graph 0.0200 left point linetype 3 pointsize 0.9 offset 0.9,-0.3
set arrow from graph 1.0000, graph 0.0924 to graph 1.0183, graph 0.0991 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'layer 4' at graph 1.0330, graph 0.0991 left point linetype 4 pointsize 0.9 offset 0.9,-0.3
set arrow from graph 1.0000, graph 0.1515 to graph 1.0183, graph 0.2572 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'layer 5' at graph 1.0330, graph 0.2572 left point linetype 5 pointsize 0.9 offset 0.9,-0.3
set label 'standard deviation' at screen 0.0194, graph 0.5 center rotate by 90
plot data using 'step':(strcol('initializer') eq 'standard' && strcol('layer') eq '1' ? column('low') : NaN):(column('high')) with filledcurves linetype 1 fillstyle transparent solid 0.12 noborder title 'standard 1', \
  data using 'step':(strcol('initializer') eq 'standard' && strcol('layer') eq '1' ? column('mean') : NaN) with linespoints linetype 1 pointinterval 2 title 'standard 1', \
  data using 'step':(strcol('initializer') eq 'standard' && strcol('layer') eq '1' ? column('predicted') : NaN) with points linetype 13 title 'standard 1', \
  data using 'step':(strcol('initializer') eq 'standard' && strcol('layer') eq '2' ? column('low') : NaN):(column('high')) with filledcurves linetype 2 fillstyle transparent solid 0.12 noborder title 'standard 2', \
  data using 'step':(strcol('initializer') eq 'standard' && strcol('layer') eq '2' ? column('mean') : NaN) with linespoints linetype 2 pointinterval 2 title 'standard 2', \
  data using 'step':(strcol('initializer') eq 'standard' && strcol('layer') eq '2' ? column('predicted') : NaN) with points linetype 13 title 'standard 2', \
  data using 'step':(strcol('initializer') eq 'standard' && strcol('layer') eq '3' ? column('low') : NaN):(column('high')) with filledcurves linetype 3 fillstyle transparent solid 0.12 noborder title 'standard 3', \
  data using 'step':(strcol('initializer') eq 'standard' && strcol('layer') eq '3' ? column('mean') : NaN) with linespoints linetype 3 pointinterval 2 title 'standard 3', \
  data using 'step':(strcol('initializer') eq 'standard' && strcol('layer') eq '3' ? column('predicted') : NaN) with points linetype 13 title 'standard 3', \
  data using 'step':(strcol('initializer') eq 'standard' && strcol('layer') eq '4' ? column('low') : NaN):(column('high')) with filledcurves linetype 4 fillstyle transparent solid 0.12 noborder title 'standard 4', \
  data using 'step':(strcol('initializer') eq 'standard' && strcol('layer') eq '4' ? column('mean') : NaN) with linespoints linetype 4 pointinterval 2 title 'standard 4', \
  data using 'step':(strcol('initializer') eq 'standard' && strcol('layer') eq '4' ? column('predicted') : NaN) with points linetype 13 title 'standard 4', \
  data using 'step':(strcol('initializer') eq 'standard' && strcol('layer') eq '5' ? column('low') : NaN):(column('high')) with filledcurves linetype 5 fillstyle transparent solid 0.12 noborder title 'standard 5', \
  data using 'step':(strcol('initializer') eq 'standard' && strcol('layer') eq '5' ? column('mean') : NaN) with linespoints linetype 5 pointinterval 2 title 'standard 5', \
  data using 'step':(strcol('initializer') eq 'standard' && strcol('layer') eq '5' ? column('predicted') : NaN) with points linetype 13 title 'standard 5'

set lmargin at screen 0.1204
set rmargin at screen 0.8785
set tmargin at screen 0.4643
set bmargin at screen 0.0986
set title 'glorot_uniform' offset 0,-0.4
set xlabel 'updates' offset 0,0.6
set xrange [0.0:60000.0]
unset logscale x
set xtics nomirror ('0' 0.0, '20,000' 20000.0, '40,000' 40000.0, '60,000' 60000.0)
set yrange [0.0002826184170009912:0.021473857542778196]
set logscale y
set ytics nomirror ('0.0005' 0.0005, '0.001' 0.001, '0.002' 0.002, '0.005' 0.005, '0.01' 0.01, '0.02' 0.02)
unset label
unset arrow
set arrow from graph 1.0000, graph 0.8067 to graph 1.0183, graph 0.8613 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'layer 1' at graph 1.0330, graph 0.8613 left point linetype 1 pointsize 0.9 offset 0.9,-0.3
set arrow from graph 1.0000, graph 0.7126 to graph 1.0183, graph 0.7822 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'layer 2' at graph 1.0330, graph 0.7822 left point linetype 2 pointsize 0.9 offset 0.9,-0.3
set arrow from graph 1.0000, graph 0.6883 to graph 1.0183, graph 0.7031 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'layer 3' at graph 1.0330, graph 0.7031 left point linetype 3 pointsize 0.9 offset 0.9,-0.3
set arrow from graph 1.0000, graph 0.6612 to graph 1.0183, graph 0.6241 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'layer 4' at graph 1.0330, graph 0.6241 left point linetype 4 pointsize 0.9 offset 0.9,-0.3
set arrow from graph 1.0000, graph 0.6469 to graph 1.0183, graph 0.5450 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'layer 5' at graph 1.0330, graph 0.5450 left point linetype 5 pointsize 0.9 offset 0.9,-0.3
set label 'standard deviation' at screen 0.0194, graph 0.5 center rotate by 90
plot data using 'step':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '1' ? column('low') : NaN):(column('high')) with filledcurves linetype 1 fillstyle transparent solid 0.12 noborder title 'glorot_uniform 1', \
  data using 'step':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '1' ? column('mean') : NaN) with linespoints linetype 1 pointinterval 2 title 'glorot_uniform 1', \
  data using 'step':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '1' ? column('predicted') : NaN) with points linetype 13 title 'glorot_uniform 1', \
  data using 'step':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '2' ? column('low') : NaN):(column('high')) with filledcurves linetype 2 fillstyle transparent solid 0.12 noborder title 'glorot_uniform 2', \
  data using 'step':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '2' ? column('mean') : NaN) with linespoints linetype 2 pointinterval 2 title 'glorot_uniform 2', \
  data using 'step':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '2' ? column('predicted') : NaN) with points linetype 13 title 'glorot_uniform 2', \
  data using 'step':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '3' ? column('low') : NaN):(column('high')) with filledcurves linetype 3 fillstyle transparent solid 0.12 noborder title 'glorot_uniform 3', \
  data using 'step':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '3' ? column('mean') : NaN) with linespoints linetype 3 pointinterval 2 title 'glorot_uniform 3', \
  data using 'step':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '3' ? column('predicted') : NaN) with points linetype 13 title 'glorot_uniform 3', \
  data using 'step':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '4' ? column('low') : NaN):(column('high')) with filledcurves linetype 4 fillstyle transparent solid 0.12 noborder title 'glorot_uniform 4', \
  data using 'step':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '4' ? column('mean') : NaN) with linespoints linetype 4 pointinterval 2 title 'glorot_uniform 4', \
  data using 'step':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '4' ? column('predicted') : NaN) with points linetype 13 title 'glorot_uniform 4', \
  data using 'step':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '5' ? column('low') : NaN):(column('high')) with filledcurves linetype 5 fillstyle transparent solid 0.12 noborder title 'glorot_uniform 5', \
  data using 'step':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '5' ? column('mean') : NaN) with linespoints linetype 5 pointinterval 2 title 'glorot_uniform 5', \
  data using 'step':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '5' ? column('predicted') : NaN) with points linetype 13 title 'glorot_uniform 5'

unset multiplot
unset output
