# Training, MLP, tanh, shapeset
# Run in this folder: gnuplot training-mlp-shapeset-tanh.gnuplot
set encoding utf8
set terminal svg size 720,596 fixed noenhanced font 'Helvetica,14' background '#ffffff'
set output 'training-mlp-shapeset-tanh.svg'
data = '../data/training-mlp-shapeset-tanh.csv'
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
set rmargin at screen 0.7976
set tmargin at screen 0.9698
set bmargin at screen 0.5755
set title '' offset 0,-0.4
set xlabel '' offset 0,0.6
set xrange [0.0:60000.0]
unset logscale x
set xtics nomirror ('0' 0.0, '10,000' 10000.0, '20,000' 20000.0, '30,000' 30000.0, '40,000' 40000.0, '50,000' 50000.0, '60,000' 60000.0)
set yrange [1.6290239490115392:2.4189400364086033]
unset logscale y
set ytics nomirror ('1.8' 1.8, '2.0' 2.0, '2.2' 2.2, '2.4' 2.4000000000000004)
unset label
unset arrow
set arrow from graph 1.0000, graph 0.7197 to graph 1.0201, graph 0.7197 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'standard' at graph 1.0361, graph 0.7197 left point linetype 1 pointsize 0.9 offset 0.9,-0.3
set arrow from graph 1.0000, graph 0.1615 to graph 1.0201, graph 0.1615 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'glorot_uniform' at graph 1.0361, graph 0.1615 left point linetype 2 pointsize 0.9 offset 0.9,-0.3
set label 'training loss (nats)' at screen 0.0194, graph 0.5 center rotate by 90
plot data using 'step':(strcol('quantity') eq 'loss' && strcol('initializer') eq 'standard' ? column('low') : NaN):(column('high')) with filledcurves linetype 1 fillstyle transparent solid 0.12 noborder title 'loss standard', \
  data using 'step':(strcol('quantity') eq 'loss' && strcol('initializer') eq 'standard' ? column('mean') : NaN) with linespoints linetype 1 pointinterval 5 title 'loss standard', \
  data using 'step':(strcol('quantity') eq 'loss' && strcol('initializer') eq 'glorot_uniform' ? column('low') : NaN):(column('high')) with filledcurves linetype 2 fillstyle transparent solid 0.12 noborder title 'loss glorot_uniform', \
  data using 'step':(strcol('quantity') eq 'loss' && strcol('initializer') eq 'glorot_uniform' ? column('mean') : NaN) with linespoints linetype 2 pointinterval 5 title 'loss glorot_uniform'

set lmargin at screen 0.1056
set rmargin at screen 0.7976
set tmargin at screen 0.4916
set bmargin at screen 0.0973
set title '' offset 0,-0.4
set xlabel 'updates' offset 0,0.6
set xrange [0.0:60000.0]
unset logscale x
set xtics nomirror ('0' 0.0, '10,000' 10000.0, '20,000' 20000.0, '30,000' 30000.0, '40,000' 40000.0, '50,000' 50000.0, '60,000' 60000.0)
set yrange [70.95445000000001:94.311]
unset logscale y
set ytics nomirror ('75' 75.0, '80' 80.0, '85' 85.0, '90' 90.0)
unset label
unset arrow
set arrow from graph 1.0000, graph 0.7456 to graph 1.0201, graph 0.7456 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'standard' at graph 1.0361, graph 0.7456 left point linetype 1 pointsize 0.9 offset 0.9,-0.3
set arrow from graph 1.0000, graph 0.2019 to graph 1.0201, graph 0.2019 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'glorot_uniform' at graph 1.0361, graph 0.2019 left point linetype 2 pointsize 0.9 offset 0.9,-0.3
set label 'test error (%)' at screen 0.0194, graph 0.5 center rotate by 90
plot data using 'step':(strcol('quantity') eq 'test_error' && strcol('initializer') eq 'standard' ? column('low') * 100.0 : NaN):(column('high') * 100.0) with filledcurves linetype 1 fillstyle transparent solid 0.12 noborder title 'test_error standard', \
  data using 'step':(strcol('quantity') eq 'test_error' && strcol('initializer') eq 'standard' ? column('mean') * 100.0 : NaN) with linespoints linetype 1 pointinterval 1 title 'test_error standard', \
  data using 'step':(strcol('quantity') eq 'test_error' && strcol('initializer') eq 'glorot_uniform' ? column('low') * 100.0 : NaN):(column('high') * 100.0) with filledcurves linetype 2 fillstyle transparent solid 0.12 noborder title 'test_error glorot_uniform', \
  data using 'step':(strcol('quantity') eq 'test_error' && strcol('initializer') eq 'glorot_uniform' ? column('mean') * 100.0 : NaN) with linespoints linetype 2 pointinterval 1 title 'test_error glorot_uniform'

unset multiplot
unset output
