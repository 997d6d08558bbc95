public import ArgumentParser

extension ParsableCommand {
  /// What `main()` does, except that help or a version which cannot be written is an error and not a success.
  public static func runAsMain() -> Never {
    do {
      var command = try parseAsRoot()
      try command.run()
      exit()
    } catch {
      guard exitCode(for: error).isSuccess else { exit(withError: error) }
      do {
        let text = fullMessage(for: error)
        if !text.isEmpty { try StandardOutput.line(text) }
        exit()
      } catch {
        exit(withError: error)
      }
    }
  }
}
