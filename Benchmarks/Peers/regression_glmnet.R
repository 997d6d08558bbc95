# glmnet's lasso path on a problem file, timed, with its coefficients written for the judge; see regression_peers.py.
# Arguments: problem, lambdas, threshold, output or "-".
suppressMessages({ library(Matrix); library(glmnet) })
arguments <- commandArgs(trailingOnly = TRUE)

long <- function(file, count) {
  # R has no 64-bit integers: the low halves do for shapes below 2^31, and the high ones are 0.
  halves <- readBin(file, "integer", 2 * count, size = 4, endian = "little")
  halves[seq(1, 2 * count, 2)]
}
file <- file(arguments[1], "rb")
kind <- readChar(file, 8)
shape <- long(file, 3)
n <- shape[1]; p <- shape[2]; count <- shape[3]
y <- readBin(file, "double", n)
if (kind == "RLDENSE1") {
  x <- matrix(readBin(file, "double", count), n, p, byrow = TRUE)
} else {
  starts <- long(file, p + 1)
  rows <- readBin(file, "integer", count, size = 4)
  x <- new("dgCMatrix", i = rows, p = starts, x = readBin(file, "double", count), Dim = c(n, p))
}
close(file)
lambdas <- readBin(arguments[2], "double", 1e6)
# Every lambda is solved, and neither the deviance nor the size of the model ends the path early.
glmnet.control(fdev = 0, devmax = 1)
kinds <- if (n > p) c("covariance", "naive") else "naive"
best <- NULL
for (kind in kinds) {
  seconds <- system.time(
    fit <- glmnet(x, y, lambda = lambdas / (2 * n), standardize = TRUE, intercept = TRUE, thresh = as.numeric(arguments[3]),
                  type.gaussian = kind, maxit = 1e9, dfmax = p + 1, pmax = p + 1))[["elapsed"]]
  if (is.null(best) || seconds < best) best <- seconds
}
if (arguments[4] != "-") {
  out <- file(arguments[4], "wb")
  whole <- function(values) writeBin(as.integer(rbind(values, 0L)), out, size = 4)
  whole(length(fit$lambda))
  for (k in seq_along(fit$lambda)) {
    support <- fit$beta@i[seq_len(fit$beta@p[k + 1] - fit$beta@p[k]) + fit$beta@p[k]]
    values <- fit$beta@x[seq_len(fit$beta@p[k + 1] - fit$beta@p[k]) + fit$beta@p[k]]
    writeBin(c(fit$lambda[k] * 2 * n, fit$a0[[k]]), out)
    whole(length(support))
    if (length(support) > 0) { whole(support); writeBin(values, out) }
  }
  close(out)
}
cat(sprintf('{"seconds": %.6f}\n', best))
