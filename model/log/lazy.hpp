// A member that costs one pointer until it is first needed, and still copies as a value. Clusters
// have hundreds of thousands of replicas, most of which never hold a batch or a producer.
#pragma once
#include <memory>
#include <utility>

namespace isrlab::model {

template <class T>
class Lazy {
 public:
  Lazy() = default;
  Lazy(const Lazy& other) : value_(other.value_ ? std::make_unique<T>(*other.value_) : nullptr) {}
  Lazy& operator=(const Lazy& other) {
    if (this == &other) return *this;
    if (!other.value_) {
      value_.reset();
    } else if (value_) {
      *value_ = *other.value_;
    } else {
      value_ = std::make_unique<T>(*other.value_);
    }
    return *this;
  }
  Lazy(Lazy&&) noexcept = default;
  Lazy& operator=(Lazy&&) noexcept = default;
  ~Lazy() = default;

  /// Null until the first need(); valid until the next change of the owner.
  T* get() { return value_.get(); }
  const T* get() const { return value_.get(); }
  T& need() {
    if (!value_) value_ = std::make_unique<T>();
    return *value_;
  }
  void reset() { value_.reset(); }

 private:
  std::unique_ptr<T> value_;
};

}  // namespace isrlab::model
