@_exported public import Autodiff
@_exported public import BLAS
@_exported public import Datasets
@_exported public import FeatureLearning
@_exported public import Interchange
@_exported public import enum Kernels.ConvolutionAlgorithm
@_exported public import LinearModels
@_exported public import Models
@_exported public import NeuralNetworks
@_exported public import Tensors
@_exported public import Training
