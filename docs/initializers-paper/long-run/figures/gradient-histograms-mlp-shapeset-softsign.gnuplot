# Back-propagated gradients at initialisation, MLP, softsign, shapeset
# Run in this folder: gnuplot gradient-histograms-mlp-shapeset-softsign.gnuplot
set encoding utf8
set terminal svg size 720,558 fixed noenhanced font 'Helvetica,14' background '#ffffff'
set output 'gradient-histograms-mlp-shapeset-softsign.svg'
data = '../data/gradient-histograms-mlp-shapeset-softsign.csv'
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
set xrange [-0.1222709299919176:0.1222709299919176]
unset logscale x
set xtics nomirror ('−0.10' -0.1, '−0.05' -0.05, '0.00' 0.0, '0.05' 0.05, '0.10' 0.1)
set yrange [0.0:750.9662429747623]
unset logscale y
set ytics nomirror ('0' 0.0, '200' 200.0, '400' 400.0, '600' 600.0)
unset label
unset arrow
set arrow from graph 0.5011, graph 0.7535 to graph 0.6872, graph 0.7535 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'layer 1' at graph 0.7000, graph 0.7535 left point linetype 1 pointsize 0.9 offset 0.9,-0.3
set arrow from graph 0.5048, graph 0.2145 to graph 0.6872, graph 0.2210 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'layer 2' at graph 0.7000, graph 0.2210 left point linetype 2 pointsize 0.9 offset 0.9,-0.3
set arrow from graph 0.5105, graph 0.0960 to graph 0.6872, graph 0.1360 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'layer 3' at graph 0.7000, graph 0.1360 left point linetype 3 pointsize 0.9 offset 0.9,-0.3
set arrow from graph 0.5203, graph 0.0492 to graph 0.6936, graph 0.0510 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'layers 4 and 5' at graph 0.7000, graph 0.0510 left 
set label 'density' at screen 0.0194, graph 0.5 center rotate by 90
plot data using 'center':(strcol('initializer') eq 'standard' && strcol('layer') eq '1' ? column('density') : NaN) with lines linetype 1 title 'standard 1', \
  data using 'center':(strcol('initializer') eq 'standard' && strcol('layer') eq '1' && column('density') > 22.528987289242867 && int(column(0)) % 8 == 0 ? column('density') : NaN) with points linetype 1 title 'standard 1', \
  data using 'center':(strcol('initializer') eq 'standard' && strcol('layer') eq '1' ? column('predicted_density') : NaN) with lines linetype 13 title 'standard 1', \
  data using 'center':(strcol('initializer') eq 'standard' && strcol('layer') eq '2' ? column('density') : NaN) with lines linetype 2 title 'standard 2', \
  data using 'center':(strcol('initializer') eq 'standard' && strcol('layer') eq '2' && column('density') > 22.528987289242867 && int(column(0)) % 6 == 1 ? column('density') : NaN) with points linetype 2 title 'standard 2', \
  data using 'center':(strcol('initializer') eq 'standard' && strcol('layer') eq '2' ? column('predicted_density') : NaN) with lines linetype 13 title 'standard 2', \
  data using 'center':(strcol('initializer') eq 'standard' && strcol('layer') eq '3' ? column('density') : NaN) with lines linetype 3 title 'standard 3', \
  data using 'center':(strcol('initializer') eq 'standard' && strcol('layer') eq '3' && column('density') > 22.528987289242867 && int(column(0)) % 4 == 1 ? column('density') : NaN) with points linetype 3 title 'standard 3', \
  data using 'center':(strcol('initializer') eq 'standard' && strcol('layer') eq '3' ? column('predicted_density') : NaN) with lines linetype 13 title 'standard 3', \
  data using 'center':(strcol('initializer') eq 'standard' && strcol('layer') eq '4' ? column('density') : NaN) with lines linetype 4 title 'standard 4', \
  data using 'center':(strcol('initializer') eq 'standard' && strcol('layer') eq '4' && column('density') > 22.528987289242867 && int(column(0)) % 3 == 2 ? column('density') : NaN) with points linetype 4 title 'standard 4', \
  data using 'center':(strcol('initializer') eq 'standard' && strcol('layer') eq '4' ? column('predicted_density') : NaN) with lines linetype 13 title 'standard 4', \
  data using 'center':(strcol('initializer') eq 'standard' && strcol('layer') eq '5' ? column('density') : NaN) with lines linetype 5 title 'standard 5', \
  data using 'center':(strcol('initializer') eq 'standard' && strcol('layer') eq '5' && column('density') > 22.528987289242867 ? column('density') : NaN) with points linetype 5 title 'standard 5', \
  data using 'center':(strcol('initializer') eq 'standard' && strcol('layer') eq '5' ? column('predicted_density') : NaN) with lines linetype 13 title 'standard 5'

set lmargin at screen 0.1056
set rmargin at screen 0.9750
set tmargin at screen 0.4624
set bmargin at screen 0.1039
set title 'glorot_uniform' offset 0,-0.4
set xlabel 'derivative of the cost by the pre-activation (nats)' offset 0,0.6
set xrange [-0.1222709299919176:0.1222709299919176]
unset logscale x
set xtics nomirror ('−0.10' -0.1, '−0.05' -0.05, '0.00' 0.0, '0.05' 0.05, '0.10' 0.1)
set yrange [0.0:113.33524725885708]
unset logscale y
set ytics nomirror ('0' 0.0, '50' 50.0, '100' 100.0)
unset label
unset arrow
set arrow from graph 0.5065, graph 0.6876 to graph 0.6872, graph 0.6876 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'layer 1' at graph 0.7000, graph 0.6876 left point linetype 1 pointsize 0.9 offset 0.9,-0.3
set arrow from graph 0.5242, graph 0.2533 to graph 0.6872, graph 0.3060 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'layer 2' at graph 0.7000, graph 0.3060 left point linetype 2 pointsize 0.9 offset 0.9,-0.3
set arrow from graph 0.5459, graph 0.1514 to graph 0.6872, graph 0.2210 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'layer 3' at graph 0.7000, graph 0.2210 left point linetype 3 pointsize 0.9 offset 0.9,-0.3
set arrow from graph 0.5618, graph 0.1108 to graph 0.6872, graph 0.1360 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'layer 4' at graph 0.7000, graph 0.1360 left point linetype 4 pointsize 0.9 offset 0.9,-0.3
set arrow from graph 0.6579, graph 0.0724 to graph 0.6872, graph 0.0510 nohead back linecolor rgb '#AAAAAA' linewidth 0.7
set label 'layer 5' at graph 0.7000, graph 0.0510 left point linetype 5 pointsize 0.9 offset 0.9,-0.3
set label 'density' at screen 0.0194, graph 0.5 center rotate by 90
plot data using 'center':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '1' ? column('density') : NaN) with lines linetype 1 title 'glorot_uniform 1', \
  data using 'center':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '1' && column('density') > 3.400057417765712 && int(column(0)) % 7 == 0 ? column('density') : NaN) with points linetype 1 title 'glorot_uniform 1', \
  data using 'center':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '1' ? column('predicted_density') : NaN) with lines linetype 13 title 'glorot_uniform 1', \
  data using 'center':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '2' ? column('density') : NaN) with lines linetype 2 title 'glorot_uniform 2', \
  data using 'center':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '2' && column('density') > 3.400057417765712 && int(column(0)) % 6 == 1 ? column('density') : NaN) with points linetype 2 title 'glorot_uniform 2', \
  data using 'center':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '2' ? column('predicted_density') : NaN) with lines linetype 13 title 'glorot_uniform 2', \
  data using 'center':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '3' ? column('density') : NaN) with lines linetype 3 title 'glorot_uniform 3', \
  data using 'center':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '3' && column('density') > 3.400057417765712 && int(column(0)) % 5 == 2 ? column('density') : NaN) with points linetype 3 title 'glorot_uniform 3', \
  data using 'center':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '3' ? column('predicted_density') : NaN) with lines linetype 13 title 'glorot_uniform 3', \
  data using 'center':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '4' ? column('density') : NaN) with lines linetype 4 title 'glorot_uniform 4', \
  data using 'center':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '4' && column('density') > 3.400057417765712 && int(column(0)) % 5 == 3 ? column('density') : NaN) with points linetype 4 title 'glorot_uniform 4', \
  data using 'center':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '4' ? column('predicted_density') : NaN) with lines linetype 13 title 'glorot_uniform 4', \
  data using 'center':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '5' ? column('density') : NaN) with lines linetype 5 title 'glorot_uniform 5', \
  data using 'center':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '5' && column('density') > 3.400057417765712 && int(column(0)) % 5 == 4 ? column('density') : NaN) with points linetype 5 title 'glorot_uniform 5', \
  data using 'center':(strcol('initializer') eq 'glorot_uniform' && strcol('layer') eq '5' ? column('predicted_density') : NaN) with lines linetype 13 title 'glorot_uniform 5'

unset multiplot
unset output
