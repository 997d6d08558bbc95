# Activations at initialisation, MLP, tanh, shapeset
# Run in this folder: gnuplot activation-histograms-mlp-shapeset-tanh.gnuplot
set encoding utf8
set terminal svg size 720,558 fixed noenhanced font 'Helvetica,14' background '#ffffff'
set output 'activation-histograms-mlp-shapeset-tanh.svg'
data = '../data/activation-histograms-mlp-shapeset-tanh.csv'
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
set rmargin at screen 0.9750
set tmargin at screen 0.9391
set bmargin at screen 0.5806
set title 'standard' offset 0,-0.4
set xlabel '' offset 0,0.6
set xrange [-1.0:1.0]
unset logscale x
set xtics nomirror ('−1.0' -1.0, '−0.5' -0.5, '0.0' 0.0, '0.5' 0.5, '1.0' 1.0)
set yrange [0.0:10.518263235931476]
unset logscale y
set ytics nomirror ('0' 0.0, '5' 5.0, '10' 10.0)
unset label
unset arrow
set arrow from graph 0.5124, graph 0.7406 to graph 0.6872, graph 0.7406 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'layer 5' at graph 0.7000, graph 0.7406 left point linetype 5 pointsize 0.9 offset 0.9,-0.3
set arrow from graph 0.5169, graph 0.4700 to graph 0.6872, graph 0.4700 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'layer 4' at graph 0.7000, graph 0.4700 left point linetype 4 pointsize 0.9 offset 0.9,-0.3
set arrow from graph 0.5367, graph 0.2509 to graph 0.6872, graph 0.2509 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'layer 3' at graph 0.7000, graph 0.2509 left point linetype 3 pointsize 0.9 offset 0.9,-0.3
set arrow from graph 0.5617, graph 0.1399 to graph 0.6872, graph 0.1472 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'layer 2' at graph 0.7000, graph 0.1472 left point linetype 2 pointsize 0.9 offset 0.9,-0.3
set arrow from graph 0.6235, graph 0.0696 to graph 0.6872, graph 0.0622 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'layer 1' at graph 0.7000, graph 0.0622 left point linetype 1 pointsize 0.9 offset 0.9,-0.3
set label 'density' at screen 0.0194, graph 0.5 center rotate by 90
plot data using 'center':(strcol('initializer') eq 'standard' && strcol('layer') eq '1' ? column('density') : NaN) with lines linetype 1 title 'standard 1', \
  data using 'center':(strcol('initializer') eq 'standard' && strcol('layer') eq '1' && column('density') > 0.3155478970779443 && int(column(0)) % 9 == 0 ? column('density') : NaN) with points linetype 1 title 'standard 1', \
  data using 'center':(strcol('initializer') eq 'standard' && strcol('layer') eq '1' ? column('predicted_density') : NaN) with lines linetype 13 title 'standard 1', \
  data using 'center':(strcol('initializer') eq 'standard' && strcol('layer') eq '2' ? column('density') : NaN) with lines linetype 2 title 'standard 2', \
  data using 'center':(strcol('initializer') eq 'standard' && strcol('layer') eq '2' && column('density') > 0.3155478970779443 && int(column(0)) % 5 == 1 ? column('density') : NaN) with points linetype 2 title 'standard 2', \
  data using 'center':(strcol('initializer') eq 'standard' && strcol('layer') eq '2' ? column('predicted_density') : NaN) with lines linetype 13 title 'standard 2', \
  data using 'center':(strcol('initializer') eq 'standard' && strcol('layer') eq '3' ? column('density') : NaN) with lines linetype 3 title 'standard 3', \
  data using 'center':(strcol('initializer') eq 'standard' && strcol('layer') eq '3' && column('density') > 0.3155478970779443 && int(column(0)) % 6 == 2 ? column('density') : NaN) with points linetype 3 title 'standard 3', \
  data using 'center':(strcol('initializer') eq 'standard' && strcol('layer') eq '3' ? column('predicted_density') : NaN) with lines linetype 13 title 'standard 3', \
  data using 'center':(strcol('initializer') eq 'standard' && strcol('layer') eq '4' ? column('density') : NaN) with lines linetype 4 title 'standard 4', \
  data using 'center':(strcol('initializer') eq 'standard' && strcol('layer') eq '4' && column('density') > 0.3155478970779443 && int(column(0)) % 7 == 4 ? column('density') : NaN) with points linetype 4 title 'standard 4', \
  data using 'center':(strcol('initializer') eq 'standard' && strcol('layer') eq '4' ? column('predicted_density') : NaN) with lines linetype 13 title 'standard 4', \
  data using 'center':(strcol('initializer') eq 'standard' && strcol('layer') eq '5' ? column('density') : NaN) with lines linetype 5 title 'standard 5', \
  data using 'center':(strcol('initializer') eq 'standard' && strcol('layer') eq '5' && column('density') > 0.3155478970779443 && int(column(0)) % 8 == 6 ? column('density') : NaN) with points linetype 5 title 'standard 5', \
  data using 'center':(strcol('initializer') eq 'standard' && strcol('layer') eq '5' ? column('predicted_density') : NaN) with lines linetype 13 title 'standard 5'

set lmargin at screen 0.1056
set rmargin at screen 0.9750
set tmargin at screen 0.4624
set bmargin at screen 0.1039
set title 'glorot_uniform' offset 0,-0.4
set xlabel 'activation' offset 0,0.6
set xrange [-1.0:1.0]
unset logscale x
set xtics nomirror ('−1.0' -1.0, '−0.5' -0.5, '0.0' 0.0, '0.5' 0.5, '1.0' 1.0)
set yrange [0.0:1.25062245]
unset logscale y
set ytics nomirror ('0.0' 0.0, '0.5' 0.5, '1.0' 1.0)
unset label
unset arrow
set arrow from graph 0.6111, graph 0.7916 to graph 0.6872, graph 0.7966 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'layer 5' at graph 0.7000, graph 0.7966 left point linetype 5 pointsize 0.9 offset 0.9,-0.3
set arrow from graph 0.6235, graph 0.7167 to graph 0.6872, graph 0.7116 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'layer 4' at graph 0.7000, graph 0.7116 left point linetype 4 pointsize 0.9 offset 0.9,-0.3
set arrow from graph 0.6481, graph 0.6067 to graph 0.6872, graph 0.6181 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'layer 3' at graph 0.7000, graph 0.6181 left point linetype 3 pointsize 0.9 offset 0.9,-0.3
set arrow from graph 0.0185, graph 0.5027 to graph 0.6872, graph 0.5331 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'layer 1' at graph 0.7000, graph 0.5331 left point linetype 1 pointsize 0.9 offset 0.9,-0.3
set arrow from graph 0.6975, graph 0.4901 to graph 0.6872, graph 0.4481 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'layer 2' at graph 0.7000, graph 0.4481 left point linetype 2 pointsize 0.9 offset 0.9,-0.3
set label 'density' at screen 0.0194, graph 0.5 center rotate by 90
plot data using 'center':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '1' ? column('density') : NaN) with lines linetype 1 title 'glorot_uniform 1', \
  data using 'center':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '1' && column('density') > 0.0375186735 && int(column(0)) % 13 == 0 ? column('density') : NaN) with points linetype 1 title 'glorot_uniform 1', \
  data using 'center':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '1' ? column('predicted_density') : NaN) with lines linetype 13 title 'glorot_uniform 1', \
  data using 'center':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '2' ? column('density') : NaN) with lines linetype 2 title 'glorot_uniform 2', \
  data using 'center':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '2' && column('density') > 0.0375186735 && int(column(0)) % 13 == 2 ? column('density') : NaN) with points linetype 2 title 'glorot_uniform 2', \
  data using 'center':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '2' ? column('predicted_density') : NaN) with lines linetype 13 title 'glorot_uniform 2', \
  data using 'center':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '3' ? column('density') : NaN) with lines linetype 3 title 'glorot_uniform 3', \
  data using 'center':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '3' && column('density') > 0.0375186735 && int(column(0)) % 12 == 4 ? column('density') : NaN) with points linetype 3 title 'glorot_uniform 3', \
  data using 'center':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '3' ? column('predicted_density') : NaN) with lines linetype 13 title 'glorot_uniform 3', \
  data using 'center':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '4' ? column('density') : NaN) with lines linetype 4 title 'glorot_uniform 4', \
  data using 'center':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '4' && column('density') > 0.0375186735 && int(column(0)) % 11 == 6 ? column('density') : NaN) with points linetype 4 title 'glorot_uniform 4', \
  data using 'center':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '4' ? column('predicted_density') : NaN) with lines linetype 13 title 'glorot_uniform 4', \
  data using 'center':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '5' ? column('density') : NaN) with lines linetype 5 title 'glorot_uniform 5', \
  data using 'center':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '5' && column('density') > 0.0375186735 && int(column(0)) % 10 == 8 ? column('density') : NaN) with points linetype 5 title 'glorot_uniform 5', \
  data using 'center':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '5' ? column('predicted_density') : NaN) with lines linetype 13 title 'glorot_uniform 5'

unset multiplot
unset output
