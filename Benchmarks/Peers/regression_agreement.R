# glmnet's fits of the files of regression_agreement.py: for each line "file output" of the list in the first argument, the
# intercept and the coefficients on the original scale, or nothing where glmnet has no such model.
suppressMessages({ library(Matrix); library(glmnet) })
pairs <- read.table(commandArgs(trailingOnly = TRUE)[1], stringsAsFactors = FALSE)
# Every lambda is solved to the end, and probabilities are not held away from 0 and 1.
glmnet.control(fdev = 0, devmax = 1, pmin = 1e-12)
for (line in seq_len(nrow(pairs))) {
  d <- readBin(pairs[line, 1], "double", 1e7)
  n <- d[1]; p <- d[2]; family <- c("gaussian", "binomial", "poisson")[d[3] + 1]
  position <- 7
  take <- function(count) { position <<- position + count; d[seq_len(count) + position - count] }
  l1 <- d[6]; l2 <- d[7]
  y <- take(n); w <- take(n); offset <- take(n)
  factors <- take(p); lower <- take(p); upper <- take(p)
  x <- matrix(take(n * p), n, p, byrow = TRUE)
  if (d[5] == 1) x <- Matrix(x, sparse = TRUE)
  total <- sum(w)
  # Its L2 is divided by the target's deviation inside, and its factors sum to p.
  deviation <- 1
  if (family == "gaussian") {
    r <- y - offset
    mean <- if (d[4] == 1) sum(w * r) / total else 0
    deviation <- sqrt(sum(w * (r - mean)^2) / total)
  }
  share1 <- l1 / (2 * total); share2 <- l2 * deviation / total
  rescale <- sum(factors) / p
  lambda <- (share1 + share2) * rescale
  arguments <- list(
    x = x, y = y, family = family, weights = w, offset = offset, alpha = share1 / (share1 + share2),
    lambda = lambda * c(8, 4, 2, 1), standardize = TRUE, intercept = d[4] == 1, penalty.factor = factors,
    lower.limits = lower, upper.limits = upper, thresh = 1e-18, maxit = 3e5, dfmax = p + 1, pmax = p + 1)
  if (family == "gaussian") arguments$type.gaussian <- if (n > p) "covariance" else "naive"
  # A threshold that rounding does not let it reach is raised until it ends.
  for (thresh in 10^-(18:14)) {
    arguments$thresh <- thresh
    fit <- tryCatch(suppressWarnings(do.call(glmnet, arguments)), error = function(e) NULL)
    if (!is.null(fit) && length(fit$lambda) == 4 && fit$jerr == 0) break
    fit <- NULL
  }
  if (!is.null(fit)) writeBin(c(fit$a0[[4]], as.vector(fit$beta[, 4])), pairs[line, 2])
}
