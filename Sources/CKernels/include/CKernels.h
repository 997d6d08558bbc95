#ifndef CKERNELS_H
#define CKERNELS_H
#include "RidgelinePause.h"
#endif
