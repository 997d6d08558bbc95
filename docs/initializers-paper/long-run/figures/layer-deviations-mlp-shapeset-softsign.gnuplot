# Spread by layer, MLP, softsign, shapeset
# Run in this folder: gnuplot layer-deviations-mlp-shapeset-softsign.gnuplot
set encoding utf8
set terminal svg size 720,658 fixed noenhanced font 'Helvetica,14' background '#ffffff'
set output 'layer-deviations-mlp-shapeset-softsign.svg'
data = '../data/layer-deviations-mlp-shapeset-softsign.csv'
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

set lmargin at screen 0.1079
set rmargin at screen 0.7976
set tmargin at screen 0.9483
set bmargin at screen 0.5684
set title 'activations' offset 0,-0.4
set xlabel '' offset 0,0.6
set xrange [0.5:5.4]
unset logscale x
set xtics nomirror ('1' 1.0, '2' 2.0, '3' 3.0, '4' 4.0, '5' 5.0)
set yrange [0.0151740036385055:0.5727567234695013]
set logscale y
set ytics nomirror ('0.02' 0.02, '0.05' 0.05, '0.1' 0.1, '0.2' 0.2, '0.5' 0.5)
unset label
unset arrow
set arrow from graph 0.9107, graph 0.0957 to graph 1.0201, graph 0.0957 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'standard' at graph 1.0362, graph 0.0957 left point linetype 1 pointsize 0.9 offset 0.9,-0.3
set arrow from graph 0.9260, graph 0.5672 to graph 1.0201, graph 0.5672 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'glorot_uniform' at graph 1.0362, graph 0.5672 left point linetype 2 pointsize 0.9 offset 0.9,-0.3
set label 'standard deviation' at screen 0.0194, graph 0.5 center rotate by 90
plot data using (column('layer') + -0.0375):(strcol('quantity') eq 'activation' && strcol('initializer') eq 'standard' ? column('predicted') : NaN) with lines linetype 1 title 'activation standard', \
  data using (column('layer') + -0.0375):(strcol('quantity') eq 'activation' && strcol('initializer') eq 'standard' ? column('mean') : NaN):(column('low')):(column('high')) with yerrorbars linetype 1 dashtype solid linewidth 1.2 title 'activation standard', \
  data using (column('layer') + 0.0375):(strcol('quantity') eq 'activation' && strcol('initializer') eq 'glorot_uniform' ? column('predicted') : NaN) with lines linetype 2 title 'activation glorot_uniform', \
  data using (column('layer') + 0.0375):(strcol('quantity') eq 'activation' && strcol('initializer') eq 'glorot_uniform' ? column('mean') : NaN):(column('low')):(column('high')) with yerrorbars linetype 2 dashtype solid linewidth 1.2 title 'activation glorot_uniform'

set lmargin at screen 0.1079
set rmargin at screen 0.7976
set tmargin at screen 0.4681
set bmargin at screen 0.0881
set title 'back-propagated gradients (nats)' offset 0,-0.4
set xlabel 'layer, counted from the input' offset 0,0.6
set xrange [0.5:5.4]
unset logscale x
set xtics nomirror ('1' 1.0, '2' 2.0, '3' 3.0, '4' 4.0, '5' 5.0)
set yrange [0.0005660589404409014:0.048908371996767036]
set logscale y
set ytics nomirror ('0.001' 0.001, '0.002' 0.002, '0.005' 0.005, '0.01' 0.01, '0.02' 0.02)
unset label
unset arrow
set arrow from graph 0.9107, graph 0.7593 to graph 1.0201, graph 0.7593 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'standard' at graph 1.0362, graph 0.7593 left point linetype 1 pointsize 0.9 offset 0.9,-0.3
set arrow from graph 0.9260, graph 0.9245 to graph 1.0201, graph 0.9245 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'glorot_uniform' at graph 1.0362, graph 0.9245 left point linetype 2 pointsize 0.9 offset 0.9,-0.3
set label 'standard deviation' at screen 0.0194, graph 0.5 center rotate by 90
plot data using (column('layer') + -0.0375):(strcol('quantity') eq 'gradient' && strcol('initializer') eq 'standard' ? column('predicted') : NaN) with lines linetype 1 title 'gradient standard', \
  data using (column('layer') + -0.0375):(strcol('quantity') eq 'gradient' && strcol('initializer') eq 'standard' ? column('mean') : NaN):(column('low')):(column('high')) with yerrorbars linetype 1 dashtype solid linewidth 1.2 title 'gradient standard', \
  data using (column('layer') + 0.0375):(strcol('quantity') eq 'gradient' && strcol('initializer') eq 'glorot_uniform' ? column('predicted') : NaN) with lines linetype 2 title 'gradient glorot_uniform', \
  data using (column('layer') + 0.0375):(strcol('quantity') eq 'gradient' && strcol('initializer') eq 'glorot_uniform' ? column('mean') : NaN):(column('low')):(column('high')) with yerrorbars linetype 2 dashtype solid linewidth 1.2 title 'gradient glorot_uniform'

unset multiplot
unset output
