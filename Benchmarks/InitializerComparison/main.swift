print("compare-initializers")
