import CKernels

/// What the process has freed and its allocator keeps for later requests.
public enum FreedMemory {
  /// Gives it back to the system, where the allocator can be asked to (glibc); elsewhere nothing happens.
  ///
  /// Worth while after something large was made and freed for the last time, such as the values that a variable starts from:
  /// it walks through all that was freed.
  public static func giveBack() { ridgeline_give_back_freed_memory() }
}
