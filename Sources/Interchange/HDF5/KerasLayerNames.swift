import Foundation

/// The names of a model's layers by the groups in which Keras 2.13 to 2.15 keep their weights, which do not name them.
///
/// A group is called by the layer's class in snake case, and from the second such layer on by a number behind it: `conv2d`,
/// `conv2d_1`. The order is that of the model's configuration.
enum KerasLayerNames {
  /// The names by group, `block1_conv1` by `conv2d`; empty where the configuration is not that of layers one after the other.
  static func byGroup(configuration: Data) -> [String: String] {
    guard let object = try? JSONSerialization.jsonObject(with: configuration) as? [String: Any],
      let model = object["config"] as? [String: Any], let layers = model["layers"] as? [[String: Any]]
    else { return [:] }
    var counts: [String: Int] = [:]
    var names: [String: String] = [:]
    for layer in layers {
      guard let kind = layer["class_name"] as? String, let own = layer["config"] as? [String: Any],
        let name = own["name"] as? String
      else { return [:] }
      let group = snakeCase(kind)
      let count = counts[group, default: 0]
      names[count == 0 ? group : "\(group)_\(count)"] = name
      counts[group] = count + 1
    }
    return names
  }

  /// `max_pooling2d` of `MaxPooling2D`, by Keras' two rules.
  static func snakeCase(_ name: String) -> String {
    name.replacing(#/(.)([A-Z][a-z]+)/#) { "\($0.1)_\($0.2)" }
      .replacing(#/([a-z])([A-Z])/#) { "\($0.1)_\($0.2)" }.lowercased()
  }

  /// `block1_conv1/0` of `layers/conv2d/vars/0`; a name of another form stays as it is.
  static func named(_ tensor: String, by names: [String: String]) -> String {
    let parts = tensor.split(separator: "/").map(String.init)
    guard parts.count == 4, parts[0] == "layers", parts[2] == "vars", let name = names[parts[1]] else { return tensor }
    return "\(name)/\(parts[3])"
  }
}
