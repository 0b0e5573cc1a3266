/// The tape: backward passes, gradients as values, gradients of gradients, and the checks of gradients.
package org.lehr.engine.autograd;
