// The families, each with its formula. `n` is a fan: `n_in` the fan-in, `n_out` the fan-out.

extension Initializer {
  /// All zeros.
  public static let zeros = Initializer("zeros", .constant(0))

  /// All ones.
  public static let ones = Initializer("ones", .constant(1))

  /// All equal to `value`.
  public static func constant(_ value: Double) -> Initializer { Initializer("constant", .constant(value)) }

  /// `U(range)`. Keras draws from ±0.05, the default here; PyTorch from `0...1`; JAX from `0...0.01`.
  public static func randomUniform(in range: ClosedRange<Double> = -0.05...0.05) -> Initializer {
    Initializer("random_uniform", .uniform(range))
  }

  /// `N(mean, standardDeviation²)`. Keras's deviation is 0.05, the default here; PyTorch's 1; JAX's 0.01.
  public static func randomNormal(mean: Double = 0, standardDeviation: Double = 0.05) -> Initializer {
    Initializer("random_normal", .normal(mean: mean, standardDeviation: standardDeviation))
  }

  /// `N(mean, standardDeviation²)` cut to an interval, without making up for the variance lost.
  ///
  /// Keras cuts at two deviations (the default here, deviation 0.05). PyTorch cuts at the numbers ±2, deviation 1:
  /// `.truncatedNormal(standardDeviation: 1, truncation: .absolute(-2...2))`.
  public static func truncatedNormal(
    mean: Double = 0, standardDeviation: Double = 0.05, truncation: Truncation = .standardDeviations(2)
  ) -> Initializer {
    Initializer(
      "truncated_normal",
      .truncatedNormal(mean: mean, standardDeviation: standardDeviation, truncation: truncation))
  }

  /// Mean 0 and variance `scale / n`, `n` the fan that `mode` names and at least 1.
  public static func varianceScaling(
    scale: Double = 1, mode: Mode = .fanIn, distribution: Form = .truncatedNormal
  ) -> Initializer {
    Initializer("variance_scaling", .varianceScaling(scale: scale, mode: mode, form: distribution))
  }

  /// `U(±1/√n_in)`, variance `1 / (3 n_in)`: what Glorot and Bengio (2010, equation 1) call standard; PyTorch's layers
  /// draw so by default.
  public static let standard = Initializer(
    "standard", .varianceScaling(scale: 1.0 / 3, mode: .fanIn, form: .uniform))

  /// `U(±2.4/n_in)`, variance `1.92 / n_in²`: LeCun, Bottou, Bengio and Haffner (1998), for LeNet-5.
  public static let lecun1998 = Initializer("lecun_1998", .uniformOverFanIn(numerator: 2.4))

  /// `U(±√(3/n_in))`, variance `1 / n_in`: LeCun, Bottou, Orr and Müller, "Efficient BackProp" (1998), equation 16.
  /// Caffe's "xavier" is this one.
  public static let lecunUniform: Initializer = lecunUniform()

  /// `U(±gain·√(3/n_in))`.
  public static func lecunUniform(gain: Gain = .linear) -> Initializer {
    scaled("lecun_uniform", gain, .fanIn, .uniform)
  }

  /// Normal of variance `1 / n_in`, cut at two deviations (Keras).
  public static let lecunNormal: Initializer = lecunNormal()

  /// Normal of variance `gain² / n_in`; by Keras's convention cut at two deviations, by PyTorch's not.
  public static func lecunNormal(gain: Gain = .linear, convention: Convention = .keras) -> Initializer {
    scaled("lecun_normal", gain, .fanIn, convention.normal)
  }

  /// `U(±√6/√(n_in + n_out))`, variance `2 / (n_in + n_out)`: Glorot and Bengio (2010), equation 16.
  public static let glorotUniform: Initializer = glorotUniform()

  /// `U(±gain·√6/√(n_in + n_out))`.
  public static func glorotUniform(gain: Gain = .linear) -> Initializer {
    scaled("glorot_uniform", gain, .fanAverage, .uniform)
  }

  /// Normal of variance `2 / (n_in + n_out)`, cut at two deviations (Keras): Glorot and Bengio (2010), equation 12.
  public static let glorotNormal: Initializer = glorotNormal()

  /// Normal of variance `2 gain² / (n_in + n_out)`; by Keras's convention cut at two deviations, by PyTorch's not.
  public static func glorotNormal(gain: Gain = .linear, convention: Convention = .keras) -> Initializer {
    scaled("glorot_normal", gain, .fanAverage, convention.normal)
  }

  /// `U(±√(6/n_in))`, variance `2 / n_in`: He, Zhang, Ren and Sun (2015), equation 10.
  public static let heUniform: Initializer = heUniform()

  /// `U(±gain·√(3/n))`, `n` the fan that `mode` names. Keras's gain is √2, the default here; PyTorch computes it from
  /// the activation.
  public static func heUniform(mode: Mode = .fanIn, gain: Gain = .relu) -> Initializer {
    scaled("he_uniform", gain, mode, .uniform)
  }

  /// Normal of variance `2 / n_in`, cut at two deviations (Keras): He, Zhang, Ren and Sun (2015), equation 10.
  public static let heNormal: Initializer = heNormal()

  /// Normal of variance `gain² / n`, `n` the fan that `mode` names; by Keras's convention cut at two deviations, by
  /// PyTorch's (and the paper's) not.
  public static func heNormal(
    mode: Mode = .fanIn, gain: Gain = .relu, convention: Convention = .keras
  ) -> Initializer {
    scaled("he_normal", gain, mode, convention.normal)
  }

  /// A random matrix with orthonormal rows or columns, the last axis counting the outputs (Keras).
  public static let orthogonal: Initializer = orthogonal()

  /// `gain` times a random matrix with orthonormal rows or columns, whichever are fewer, each such matrix as likely as
  /// the others: Saxe, McClelland and Ganguli (2014); Mezzadri (2007) for the signs.
  ///
  /// A tensor of rank 2 or more is taken for a matrix: by Keras's convention the last axis (outputs of a
  /// `[height, width, inputs, outputs]` kernel) against all others, by PyTorch's the first axis (outputs of an
  /// `[outputs, inputs, height, width]` kernel) against all others.
  public static func orthogonal(gain: Gain = .linear, convention: Convention = .keras) -> Initializer {
    Initializer("orthogonal", .orthogonal(gain: gain.value, convention: convention))
  }

  /// The identity matrix; a matrix that is not square gets its first rows or columns.
  public static let identity: Initializer = identity(gain: 1)

  /// `gain` times the identity matrix, for tensors of rank 2.
  public static func identity(gain: Gain) -> Initializer { Initializer("identity", .identity(gain: gain.value)) }

  /// A convolution that hands input channel `i` on as output channel `i`.
  public static let dirac: Initializer = dirac(groups: 1)

  /// A convolution kernel `[size..., inputs, outputs]`, of one to three spatial axes, that is 1 at the centre
  /// (`size / 2`) from input `i` to output `i` of each group, and 0 elsewhere; PyTorch's `dirac_`.
  ///
  /// - Parameter groups: How many equal parts the outputs are in; each hands the inputs on.
  public static func dirac(groups: Int) -> Initializer { Initializer("dirac", .dirac(groups: groups)) }

  /// A matrix with 90 % zeros in each column, the rest `N(0, 0.01²)`.
  public static let sparse: Initializer = sparse(zeroFraction: 0.9)

  /// A matrix `[inputs, outputs]` in each column of which `⌈zeroFraction · inputs⌉` elements, at random, are 0 and the
  /// others `N(0, standardDeviation²)`, so that every unit listens to few inputs: Martens (2010), section 5.
  ///
  /// A kernel `[size..., inputs, outputs]` is taken for a matrix, its last axis against all others.
  public static func sparse(zeroFraction: Double, standardDeviation: Double = 0.01) -> Initializer {
    Initializer("sparse", .sparse(zeroFraction: zeroFraction, standardDeviation: standardDeviation))
  }

  private static func scaled(_ name: String, _ gain: Gain, _ mode: Mode, _ form: Form) -> Initializer {
    Initializer(name, .varianceScaling(scale: gain.value * gain.value, mode: mode, form: form))
  }
}

extension Initializer.Convention {
  var normal: Initializer.Form { self == .keras ? .truncatedNormal : .normal }
}
