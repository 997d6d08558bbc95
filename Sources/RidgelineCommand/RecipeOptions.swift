import ArgumentParser
import Ridgeline

/// The recipes that can be asked for.
enum RecipeName: String, ExpressibleByArgument, CaseIterable {
  case paper
}

/// How images of files can be prepared.
enum PreparationName: String, ExpressibleByArgument, CaseIterable {
  case recipe
  case none
  case small
  case alexnet
  case vgg

  /// What is done in the place of the recipe's; nil for the recipe's own.
  var augmentation: Augmentation? {
    switch self {
    case .recipe: nil
    case .none: Augmentation.none
    case .small: Augmentation.small
    case .alexnet: Augmentation.alexNet
    case .vgg: Augmentation.vgg
    }
  }
}
