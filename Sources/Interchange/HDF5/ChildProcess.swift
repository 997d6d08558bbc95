import Foundation
import Tensors

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Another program whose standard output is read; it has no input and nobody reads its errors.
///
/// It is spawned by hand because Foundation ends the whole program where the system has no pipe left for a process.
struct ChildProcess: ~Copyable {
  /// Why it could not be started or read.
  struct Failure: Error {
    let reason: String
  }

  private let identifier: pid_t
  private let output: Int32
  private let deadline: Date
  private var isWaitedFor = false

  /// Starts a program.
  ///
  /// - Parameter seconds: After so long it is ended, and reading fails.
  init(_ executable: String, _ arguments: [String], seconds: Double) throws(Failure) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      throw Failure(reason: "there is no pipe for it: \(String(cString: strerror(errno)))")
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
    #else
      var actions = posix_spawn_file_actions_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var texts: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) }
    texts.append(nil)
    var identifier: pid_t = 0
    let code = posix_spawn(&identifier, executable, &actions, nil, texts, environ)
    for text in texts { free(text) }
    posix_spawn_file_actions_destroy(&actions)
    close(ends[1])
    guard code == 0 else {
      close(ends[0])
      throw Failure(reason: "it could not be started: \(String(cString: strerror(code)))")
    }
    (self.identifier, output, deadline) = (identifier, ends[0], Date(timeIntervalSinceNow: seconds))
  }

  deinit {
    close(output)
    guard !isWaitedFor else { return }
    kill(identifier, SIGKILL)
    var status: Int32 = 0
    while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
  }

  /// Reads until `target` is full or the program closes its output.
  ///
  /// - Returns: How many bytes were read.
  mutating func read(into target: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    var done = 0
    while done < target.count {
      var waiting = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      let left = deadline.timeIntervalSinceNow
      guard left > 0 else { throw Failure(reason: "it took too long") }
      let ready = poll(&waiting, 1, Int32(min(left * 1000 + 1, 60_000)))
      if ready == 0 || (ready < 0 && errno == EINTR) { continue }
      guard ready > 0 else { throw Failure(reason: "it cannot be read: \(String(cString: strerror(errno)))") }
      let count = readBytes(output, target.baseAddress! + done, target.count - done)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Failure(reason: "it cannot be read: \(String(cString: strerror(errno)))") }
      if count == 0 { break }
      done += count
    }
    return done
  }

  /// Waits for the end of the program, whose output has been read.
  ///
  /// - Throws: ``Failure`` where it did not end with 0.
  mutating func finish() throws(Failure) {
    var status: Int32 = 0
    while waitpid(identifier, &status, 0) < 0 {
      if errno == EINTR { continue }
      // A program that ignores SIGCHLD is told of no end: what was read has to speak for itself, and the number may by now be
      // another process's.
      isWaitedFor = errno == ECHILD
      guard isWaitedFor else { throw Failure(reason: "its end is not known") }
      return
    }
    isWaitedFor = true
    // The macros of sys/wait.h are not imported.
    let signal = status & 0x7F
    guard signal == 0 else {
      throw Failure(reason: "signal \(signal) ended it: the file is damaged or asks for too much")
    }
    let code = status >> 8 & 0xFF
    guard code == 0 else { throw Failure(reason: "it failed: the file is damaged") }
  }
}

private func readBytes(_ descriptor: Int32, _ target: UnsafeMutableRawPointer, _ count: Int) -> Int {
  read(descriptor, target, count)
}
